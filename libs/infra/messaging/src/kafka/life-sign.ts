/** Says so, once, when nothing was heard for a while. */
export class LifeSign {
  private readonly timer: NodeJS.Timeout;

  constructor(silenceMs: number, silent: () => void) {
    this.timer = setTimeout(silent, silenceMs).unref();
  }

  heard(): void {
    this.timer.refresh();
  }

  stop(): void {
    clearTimeout(this.timer);
  }
}
