import { runCli } from '../program.js';

/** What a run of the command line left behind. */
export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs one command in this process, as a pipe would see it. */
export async function kwanus(...args: string[]): Promise<Ran> {
  let [out, err] = ['', ''];
  const io = {
    out: (text: string) => {
      out += text;
    },
    err: (text: string) => {
      err += text;
    },
    interactive: false,
    columns: 100,
  };
  return { code: await runCli(args, io), out, err };
}
