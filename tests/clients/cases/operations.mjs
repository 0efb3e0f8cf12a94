/** Operations that several programs send. */
export const REGISTER = `
  mutation ($input: RegisterCustomerInput!) {
    registerCustomer(input: $input) {
      position
      customer { id name position }
      userErrors { code message path }
    }
  }
`;

export const CUSTOMER = `
  query ($id: ID!) {
    customer(id: $id) { id name position }
  }
`;

export const CUSTOMERS = `
  query {
    customers { totalCount position }
  }
`;

export const RENAME = `
  mutation ($input: RenameCustomerInput!) {
    renameCustomer(input: $input) { position userErrors { code } }
  }
`;

export const CUSTOMER_CHANGED = `
  subscription ($id: ID!, $after: Position) {
    customerChanged(id: $id, after: $after) {
      kind
      position
      customer { id name position }
    }
  }
`;

export const someone = (name) => ({ input: { name, email: `${name.toLowerCase()}@shop.test` } });
