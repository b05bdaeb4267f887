import eslint from '@eslint/js';
import { defineConfig } from 'eslint/config';
import graphql from '@graphql-eslint/eslint-plugin';
import tseslint from 'typescript-eslint';

export default defineConfig(
  { ignores: ['**/dist/', 'coverage/', '**/generated/'] },
  {
    files: ['schema/*.graphql'],
    languageOptions: {
      parser: graphql.parser,
      parserOptions: { graphQLConfig: { schema: 'schema/*.graphql' } },
    },
    plugins: { '@graphql-eslint': graphql },
    rules: {
      ...graphql.configs['flat/schema-all'].rules,
      ...graphql.configs['flat/schema-relay'].rules,
      // Rows stand in the order in which they are read, not by letter.
      '@graphql-eslint/alphabetize': 'off',
      '@graphql-eslint/description-style': 'off',
      // A former name goes with a release, not on a day.
      '@graphql-eslint/require-deprecation-date': 'off',
      // Beside the global `id` stand the upstream's own: `customerId` of a Customer.
      '@graphql-eslint/no-typename-prefix': 'off',
      // Nodes have a global id; rows that nobody can ask for again have none.
      '@graphql-eslint/strict-id-in-types': 'off',
      '@graphql-eslint/relay-edge-types': [
        'error',
        { listTypeCanWrapOnlyEdgeType: false, shouldImplementNode: false },
      ],
      '@graphql-eslint/no-root-type': ['error', { disallow: ['mutation'] }],
    },
  },
  {
    // By the names and shapes that federation asks for.
    files: ['schema/federation.graphql'],
    rules: {
      '@graphql-eslint/naming-convention': 'off',
      '@graphql-eslint/no-unreachable-types': 'off',
      '@graphql-eslint/require-nullable-result-in-root': 'off',
    },
  },
  {
    files: ['**/*.{ts,tsx,js,cjs}'],
    extends: [
      eslint.configs.recommended,
      tseslint.configs.strictTypeChecked,
      tseslint.configs.stylisticTypeChecked,
    ],
    languageOptions: {
      parserOptions: {
        projectService: {
          allowDefaultProject: [
            '*.js',
            'test/*.js',
            'test/chaos/*.js',
            'test/mcp/*.js',
            '.dependency-cruiser.cjs',
          ],
        },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      eqeqeq: 'error',
      'no-console': 'error',
    },
  },
  {
    files: ['**/*.{js,cjs}'],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: {
      globals: Object.fromEntries(
        [
          'AbortController',
          'AbortSignal',
          'Buffer',
          'console',
          'fetch',
          'performance',
          'process',
          'URL',
          'URLSearchParams',
        ]
          .map((name) => [name, 'readonly'])
          .concat([['module', 'writable']]),
      ),
    },
  },
  // Its tables and its servers' first words are what they are for.
  { files: ['bench/**/*.js', 'examples/**/*.js'], rules: { 'no-console': 'off' } },
);
