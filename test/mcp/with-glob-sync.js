/** Preloaded before the protocol's conformance suite on Node 20, which has no `globSync`. The suite does not call it for servers. */
import * as fs from 'node:fs';
import { register } from 'node:module';

const withGlobSync =
  "export * from 'node:fs'; export const globSync = () => { throw new Error('globSync: Node 22 has it'); };";

const hooks = `
  export const resolve = (name, context, next) =>
    name === 'fs' && context.parentURL?.includes('/@modelcontextprotocol/conformance/')
      ? { url: ${JSON.stringify(`data:text/javascript,${encodeURIComponent(withGlobSync)}`)}, shortCircuit: true }
      : next(name, context);
`;

if (!('globSync' in fs)) register(`data:text/javascript,${encodeURIComponent(hooks)}`);
