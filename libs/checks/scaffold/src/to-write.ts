/** Stands where only a person knows what to say; `kwanus check` finds it (MF005) and repeats what is asked for. */
export const toWrite = (what: string): string => `{{${what}}}`;

/** Receives no mail (RFC 2606), so that a forgotten one harms nobody; `kwanus check` finds it (MF005). */
export const ADDRESS_TO_WRITE = 'to-be-written@example.invalid';
