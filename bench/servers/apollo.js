/** Apollo Server 5 with graphql-js and DataLoaders, as it comes. */
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { createCaller, resolvers, typeDefs } from './schema.js';

const server = new ApolloServer({ typeDefs, resolvers });
const { url } = await startStandaloneServer(server, {
  listen: { port: 0, host: '127.0.0.1' },
  context: () => Promise.resolve(createCaller()),
});
console.log(`ready: ${url.replace('localhost', '127.0.0.1').replace(/\/$/, '')}/`);
