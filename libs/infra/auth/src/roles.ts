/** What a caller is allowed to call; seats in governance bodies are another matter and never come from a token. */
export const ROLES = ['partner', 'reviewer', 'operator', 'service', 'admin'] as const;
export type Role = (typeof ROLES)[number];
