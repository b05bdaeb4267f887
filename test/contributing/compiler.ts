/** The compiler of one project in several states: it reads and binds again only the files that differ. */
import { join } from 'node:path';
import ts from 'typescript';

export class Compiler {
  readonly #folder: string;
  readonly #options: ts.CompilerOptions;
  readonly #paths: readonly string[];
  readonly #host: ts.CompilerHost;
  #program: ts.Program | undefined;

  constructor(folder: string) {
    this.#folder = folder;
    const file = ts.readJsonConfigFile(join(folder, 'tsconfig.json'), (path) => ts.sys.readFile(path));
    const { options, fileNames } = ts.parseJsonSourceFileConfigFileContent(file, ts.sys, folder);
    this.#options = options;
    this.#paths = fileNames;
    this.#host = ts.createCompilerHost(options);
    const files = new Map<string, ts.SourceFile>();
    this.#host.getSourceFile = (path, languageVersion) => {
      const text = ts.sys.readFile(path);
      if (text === undefined) return undefined;
      let file = files.get(path);
      if (file?.text !== text) {
        file = ts.createSourceFile(path, text, languageVersion);
        files.set(path, file);
      }
      return file;
    };
  }

  /** As `tsc --noEmit`: checks the source and all that goes with it, tests included. Returns the complaints. */
  checkAll(): string {
    return this.#format(ts.getPreEmitDiagnostics(this.#read()));
  }

  /** Checks one file as it is now, with all that it imports. Returns the complaints about it. */
  check(path: string): string {
    const program = this.#read();
    return this.#format(program.getSemanticDiagnostics(program.getSourceFile(join(this.#folder, path))));
  }

  #read(): ts.Program {
    this.#program = ts.createProgram(this.#paths, this.#options, this.#host, this.#program);
    return this.#program;
  }

  #format(diagnostics: readonly ts.Diagnostic[]): string {
    return ts.formatDiagnostics(diagnostics, {
      getCurrentDirectory: () => this.#folder,
      getCanonicalFileName: (path) => path,
      getNewLine: () => '\n',
    });
  }
}
