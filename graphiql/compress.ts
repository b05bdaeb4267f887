/** Compresses the built assets in advance: writes .br and .gz beside each file. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

const brotli = promisify(brotliCompress);
const brotliOptions = { params: { [constants.BROTLI_PARAM_QUALITY]: 10 } };
const gzipOptions = { level: 9 };

export async function compressFiles(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = `${folder}/${name}`;
    const content = await readFile(path);
    await Promise.all([
      brotli(content, brotliOptions).then((compressed) => writeFile(`${path}.br`, compressed)),
      promisify(gzip)(content, gzipOptions).then((compressed) => writeFile(`${path}.gz`, compressed)),
    ]);
  }
}
