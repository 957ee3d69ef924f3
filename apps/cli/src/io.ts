/** Where a command writes: data on stdout, progress on stderr. */
export interface Io {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Both streams are a person's terminal. */
  readonly interactive: boolean;
  /** Width of the terminal; null where it tells none: nothing can be drawn over there. */
  readonly columns: number | null;
}

/** The streams of this process. A reader that went away (`| head`) ends the command in silence. */
export function processIo(): Io {
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit(0);
      throw error;
    });
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    interactive: process.stdout.isTTY === true && process.stderr.isTTY === true,
    columns: process.stderr.columns > 0 ? process.stderr.columns : null,
  };
}
