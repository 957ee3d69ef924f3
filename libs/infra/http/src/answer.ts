/** What stands in an answer's head. */
export interface AnswerHead {
  /** The stream's version: becomes the ETag. */
  readonly version?: number;
  /** Default: 200. */
  readonly status?: 200 | 201 | 202 | 204;
  /** Where what was made can be read. */
  readonly location?: string;
}

/** A body together with its head; what a controller returns when the plain body does not say enough. */
export class Answer<Body> {
  constructor(
    readonly body: Body,
    readonly head: AnswerHead,
  ) {}
}

/** @returns an answer with ETag, status or Location; a plain body is answered with 200 */
export const answer = <Body>(body: Body, head: AnswerHead): Answer<Body> => new Answer(body, head);
