// The part that reads a folder and judges nothing: for programs that should start quickly.
export { FolderRefused, InputCorrupt } from './submission/errors.js';
export { folderSubmission } from './submission/folder-submission.js';
export { mediaTypeOf } from './submission/media-type.js';
