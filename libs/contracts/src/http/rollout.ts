/** The path prefix under which the rollout service answers. */
export const ROLLOUT_PREFIX = '/v1';
