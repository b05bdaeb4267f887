/** Type of a module of undici that is imported without the package's index. */
declare module 'undici/lib/dispatcher/pool.js' {
  export { Pool as default } from 'undici';
}
