import { z } from 'zod';

/** An event that does not leave its service: it stands in the stream, and its data stays at home. */
export const Withheld = z.object({});
