/** A media type with at most one parameter (RFC 9110, section 8.3.1), in the printable form that a header takes. */
const MEDIA_TYPE =
  /^[a-zA-Z0-9!#$&^_.+-]{1,63}\/[a-zA-Z0-9!#$&^_.+-]{1,63}(?:; ?[a-zA-Z0-9-]{1,20}=[a-zA-Z0-9._-]{1,40})?$/;

/** @returns true when the text may stand in a Content-Type */
export const isMediaType = (text: string): boolean => MEDIA_TYPE.test(text);
