import tab from '@bomb.sh/tab/commander';
import type { AddCommand } from '../program.js';

/** `kwanus completion SHELL`: prints a completion script (bash, zsh, fish, powershell). */
export const addCompletion: AddCommand = (program) => {
  tab(program, { completionCommandName: 'completion' });
};
