/** Mercurius with its compiler, over the same resolvers. */
import Fastify from 'fastify';
import mercurius from 'mercurius';
import { createCaller, resolvers, typeDefs } from './schema.js';

const server = Fastify();
await server.register(mercurius, { schema: typeDefs, resolvers, jit: 1, context: () => createCaller() });
const url = await server.listen({ port: 0, host: '127.0.0.1' });
console.log(`ready: ${url}/graphql`);
