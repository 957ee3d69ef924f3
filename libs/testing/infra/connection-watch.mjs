// Loaded with `node --import`: writes every connection that the process begins into the file that CONNECTIONS names, as `program host:port`.
import { appendFileSync } from 'node:fs';
import { Socket } from 'node:net';

const [, program = ''] = process.argv;
const { CONNECTIONS: file } = process.env;
const { connect } = Socket.prototype;

/** A socket is told where to by port and host, by options, or by an array of what `net.connect` made of either. */
function target([first, second]) {
  const options = Array.isArray(first) ? first[0] : first;
  if (typeof options === 'object') return options.path ?? `${options.host ?? 'localhost'}:${options.port}`;
  return `${typeof second === 'string' ? second : 'localhost'}:${options}`;
}

Socket.prototype.connect = function watched(...parameters) {
  if (file !== undefined) appendFileSync(file, `${program} ${target(parameters)}\n`);
  return connect.apply(this, parameters);
};
