/** The page that a partner opens each morning: how well every customer is protected, and who is not. */
import { ApolloProvider } from '@apollo/client/react';
import { MantineProvider } from '@mantine/core';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { apollo } from './client.ts';
import { theme, variables } from './theme.ts';
import '@mantine/core/styles.css';
import './page.css';

const root = document.getElementById('root');
if (root === null) throw new Error('The page has no element with the id "root".');
createRoot(root).render(
  <ApolloProvider client={apollo}>
    <MantineProvider theme={theme} cssVariablesResolver={variables} defaultColorScheme="auto">
      <App />
    </MantineProvider>
  </ApolloProvider>,
);
