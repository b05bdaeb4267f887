/** Connections through a proxy, loaded only for a gateway that has one. */
import { EnvHttpProxyAgent, Pool, type Dispatcher } from 'undici';
import { ProxyError, type NamedProxy } from './proxy-error.ts';

/**
 * Connects to a service through a proxy.
 *
 * @param except hosts called directly, in the form of NO_PROXY
 */
export function createProxyDispatcher(
  proxy: NamedProxy,
  except: string,
  options: Pool.Options & { readonly connections: number },
): Dispatcher {
  const { href } = proxy.url;
  return new EnvHttpProxyAgent({
    ...options,
    httpProxy: href,
    httpsProxy: href,
    noProxy: except,
    clientFactory: (origin, poolOptions) => createPool(proxy, origin, poolOptions),
  });
}

/** Connections to the proxy; failures are ProxyErrors. */
function createPool(proxy: NamedProxy, origin: URL, options: object): Pool {
  const pool = new Pool(origin, options);
  const connect = pool.connect.bind(pool);
  return Object.assign(pool, {
    connect: async (request: Dispatcher.ConnectOptions) => {
      const data = await connect(request).catch((cause: unknown) => {
        throw new ProxyError(proxy, null, cause);
      });
      if (data.statusCode === 200) return data;
      data.socket.on('error', () => undefined).destroy();
      throw new ProxyError(proxy, data.statusCode);
    },
  });
}
