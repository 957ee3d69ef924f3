/** @returns true where a worker thread ended because it would have needed more memory than it is given */
export const isOutOfMemory = (error: unknown): boolean =>
  // Not by its class: the error may come from another realm.
  typeof error === 'object' && error !== null && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
