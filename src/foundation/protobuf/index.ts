// The room's door: what other rooms may use.
export { BYTES, FIXED32, FIXED64, MessageWriter, VARINT } from './message-writer.ts';
