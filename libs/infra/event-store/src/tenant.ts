/** One platform company in one installation; never taken from a body. */
export const TENANT = 'default';
