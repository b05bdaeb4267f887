import { existsSync } from 'node:fs';
import { PackageError } from './errors.ts';

/** The folder that holds package.json, schema/ and dist/, wherever the bundler has put this code. */
export const packageFolder = folderOfPackage(new URL('./', import.meta.url));

function folderOfPackage(folder: URL): URL {
  if (existsSync(new URL('package.json', folder))) return folder;
  const parent = new URL('../', folder);
  if (parent.href === folder.href)
    throw new PackageError('package.json is missing: it belongs beside the folder dist.');
  return folderOfPackage(parent);
}
