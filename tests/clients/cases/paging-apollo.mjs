/** Pages as Apollo's own cache policy for Relay's connections joins them. */
import { ApolloClient, gql, HttpLink, InMemoryCache } from "@apollo/client";
import { relayStylePagination } from "@apollo/client/utilities";
import { Arrivals, end, tell, url } from "./stage.mjs";

const PAGE = gql`
  query ($after: String) {
    orders(first: 2, after: $after, orderBy: PLACED_AT_ASC) {
      edges { cursor node { id } }
      pageInfo { hasNextPage endCursor }
    }
  }
`;
const NODE = gql`
  query ($id: ID!) {
    node(id: $id) { id ... on Order { status } }
  }
`;

const typePolicies = { Query: { fields: { orders: relayStylePagination() } } };
const client = new ApolloClient({ link: new HttpLink({ uri: url }), cache: new InMemoryCache({ typePolicies }) });
const pages = client.watchQuery({ query: PAGE });
const results = new Arrivals();

pages.subscribe(({ data, loading }) => loading || results.add(data.orders));
let orders = await results.next();
while (orders.pageInfo.hasNextPage) {
  pages.fetchMore({ variables: { after: orders.pageInfo.endCursor } });
  orders = await results.next();
}
const ids = orders.edges.map(({ node }) => node.id);
const { data } = await client.query({ query: NODE, variables: { id: ids[0] } });
tell({ ids, node: data.node });
end();
