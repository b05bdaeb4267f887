/** The frame: a header with the ways through the page, and the view that the URL names. */
import { Anchor, Container, Group, Text } from '@mantine/core';
import { Link, Route, Switch, useLocation } from 'wouter';
import { CustomerPage } from './customer.tsx';
import { EstatePage } from './estate.tsx';
import { ReportPage } from './report.tsx';

const views = { '/': 'Customers', '/report': 'Live report' };

export function App() {
  const [location] = useLocation();
  return (
    <>
      <header className="header">
        <Container size="lg">
          <Group justify="space-between" gap="xs">
            <Text fw={700}>Elements Graph</Text>
            <Group component="nav" aria-label="Views" gap="lg">
              {Object.entries(views).map(([href, name]) => (
                <Link key={href} href={href} asChild>
                  <Anchor c="inherit" fw={500} aria-current={location === href ? 'page' : undefined}>
                    {name}
                  </Anchor>
                </Link>
              ))}
            </Group>
          </Group>
        </Container>
      </header>
      <Container component="main" size="lg" py="xl">
        <Switch>
          <Route path="/" component={EstatePage} />
          <Route path="/customers/:id">{({ id }) => <CustomerPage key={id} customerId={id} />}</Route>
          <Route path="/report" component={ReportPage} />
          <Route>
            <Text>There is no such page.</Text>
          </Route>
        </Switch>
      </Container>
    </>
  );
}
