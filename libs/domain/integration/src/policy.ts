/** Who acts when a policy does. */
export const POLICY = 'system:intake';
