/** GraphQL Yoga, as it comes, over the same resolvers. */
import { createServer } from 'node:http';
import { createSchema, createYoga } from 'graphql-yoga';
import { createCaller, resolvers, typeDefs } from './schema.js';

const yoga = createYoga({
  schema: createSchema({ typeDefs, resolvers }),
  context: () => createCaller(),
  logging: false,
});
const server = createServer(yoga);
server.listen(0, '127.0.0.1', () => console.log(`ready: http://127.0.0.1:${server.address().port}/graphql`));
