/** The path prefix under which the intake service answers. */
export const INTAKE_PREFIX = '/v1';
