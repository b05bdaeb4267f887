/** Checks message parameters: the MCP SDK would report faults as JSON of its validation. */
import { isObject, quoted, type JsonObject } from '../json.ts';

/** Returns in words why a request's parameters can't be used; null if they can. */
export function paramsFault({ jsonrpc, id, method, params }: JsonObject): string | null {
  const isRequest = jsonrpc === '2.0' && (typeof id === 'string' || typeof id === 'number');
  if (!isRequest) return null;
  if (method === 'tools/call') return callFault(params);
  if (method === 'tools/list') return listFault(params);
  return method === 'initialize' && !namesRevision(params) ? initializeFault(params) : null;
}

/** Returns the name of the called tool, whatever the other parameters are; null if there is none. */
export function calledTool({ method, params }: JsonObject): string | null {
  const name = method === 'tools/call' && isObject(params) ? params['name'] : null;
  return typeof name === 'string' ? name : null;
}

/** Requests of the revisions that begin with `initialize`. */
const servedMethods: readonly unknown[] = ['initialize', 'ping', 'tools/list', 'tools/call'];

/** False for a request that is refused with status 200, as in the revisions that begin with `initialize`. */
export function isServed({ id, method, params }: JsonObject): boolean {
  return id === undefined || method === undefined || namesRevision(params) || servedMethods.includes(method);
}

/** Whether a message names its revision, as in revisions without `initialize`. */
function namesRevision(params: unknown): boolean {
  const meta = isObject(params) ? params['_meta'] : null;
  return isObject(meta) && Object.hasOwn(meta, 'io.modelcontextprotocol/protocolVersion');
}

function callFault(params: unknown): string | null {
  if (!isObject(params)) return 'params: expected an object with name, the tool, and its arguments.';
  const { name, arguments: given = null, _meta: meta = {} } = params;
  if (typeof name !== 'string') return 'params.name: expected the name of a tool.';
  if (given !== null && !isObject(given))
    return `params.arguments: expected an object with the arguments of ${quoted(name)} by their names.`;
  if (!isObject(meta)) return 'params._meta: expected an object.';
  const { progressToken: token = 0 } = meta;
  return typeof token === 'string' || Number.isInteger(token)
    ? null
    : 'params._meta.progressToken: expected a string or an integer.';
}

function listFault(params: unknown): string | null {
  const cursor = isObject(params) ? (params['cursor'] ?? '') : '';
  return typeof cursor === 'string'
    ? null
    : 'params.cursor: expected a string, or none: the list has one page.';
}

function initializeFault(params: unknown): string | null {
  if (!isObject(params))
    return 'params: expected an object with protocolVersion, capabilities and clientInfo.';
  const { protocolVersion, capabilities, clientInfo } = params;
  if (typeof protocolVersion !== 'string')
    return 'params.protocolVersion: expected a revision of the protocol, such as "2025-11-25".';
  if (!isObject(capabilities)) return 'params.capabilities: expected an object.';
  const { name, version } = isObject(clientInfo) ? clientInfo : {};
  return typeof name === 'string' && typeof version === 'string'
    ? null
    : 'params.clientInfo: expected an object with name and version.';
}

/**
 * Returns a message with the parameters that its answer depends on: the SDK also checks others. A null is an absent one,
 * and the client's capabilities are not used, since it is asked for nothing.
 */
export function withUsedParams(message: JsonObject): JsonObject {
  const { method, params } = message;
  if (!isObject(params)) return message;
  if (method === 'initialize' && !namesRevision(params)) {
    const { protocolVersion, clientInfo } = params;
    const { name, version } = isObject(clientInfo) ? clientInfo : {};
    return { ...message, params: { protocolVersion, capabilities: {}, clientInfo: { name, version } } };
  }
  if (method !== 'tools/call' && method !== 'tools/list') return message;
  const unused = (name: string) => name === 'task' || params[name] === null;
  return { ...message, params: Object.fromEntries(Object.entries(params).filter(([name]) => !unused(name))) };
}
