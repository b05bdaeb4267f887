/** The look of the component kit, with texts and buttons dark enough to read on their grounds (WCAG AA). */
import { Badge, Card, createTheme, type CSSVariablesResolver } from '@mantine/core';

export const theme = createTheme({
  primaryColor: 'indigo',
  primaryShade: { light: 7, dark: 7 },
  defaultRadius: 'md',
  headings: { fontWeight: '650', sizes: { h1: { fontSize: '1.8rem' }, h2: { fontSize: '1.2rem' } } },
  components: {
    Badge: Badge.extend({ defaultProps: { tt: 'none', fw: 500, size: 'md' } }),
    Card: Card.extend({ defaultProps: { withBorder: true, radius: 'lg', padding: 'lg', shadow: 'xs' } }),
  },
});

export const variables: CSSVariablesResolver = () => ({
  variables: {},
  light: { '--mantine-color-dimmed': '#5c636a', '--mantine-color-body': '#f6f7f9' },
  dark: { '--mantine-color-dimmed': '#b0b5bb' },
});
