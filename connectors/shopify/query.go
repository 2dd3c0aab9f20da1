package shopify

// What is asked of things, in parts: a bulk operation takes no list with pages in
// it, so that the refunds of an order come by themselves.
const (
	amountOf = ` { shopMoney { amount } }`

	orderFields = ` id name createdAt processedAt updatedAt cancelledAt test currencyCode taxesIncluded
 displayFinancialStatus discountCodes email phone sourceName
 customer { id }
 billingAddress { firstName lastName company city countryCodeV2 }
 shippingAddress { countryCodeV2 }
 totalTipReceivedSet` + amountOf + `
 shippingLine { discountedPriceSet` + amountOf + ` taxLines { priceSet` + amountOf + ` } }`

	lineFields = ` id sku name quantity currentQuantity isGiftCard requiresShipping taxable
 originalUnitPriceSet` + amountOf + `
 discountAllocations { allocatedAmountSet` + amountOf + ` }
 taxLines { priceSet` + amountOf + ` }`

	refundLineFields = ` quantity subtotalSet` + amountOf + ` totalTaxSet` + amountOf + ` lineItem { id }`

	customerFields = ` id firstName lastName createdAt updatedAt state verifiedEmail
 defaultEmailAddress { emailAddress } defaultPhoneNumber { phoneNumber }
 defaultAddress { company city countryCodeV2 }`

	pageFields = ` pageInfo { hasNextPage endCursor }`
)

// The queries. Those of a bulk operation are a text within another query.
const (
	bulkOrders = `{ orders { edges { node {` + orderFields + ` refunds { id }
 lineItems { edges { node {` + lineFields + ` } } } } } } }`

	bulkCustomers = `{ customers { edges { node {` + customerFields + ` } } } }`

	queryOrders = `query Orders($first: Int!, $after: String, $query: String, $sort: OrderSortKeys!) {
 orders(first: $first, after: $after, query: $query, sortKey: $sort) { nodes {` + orderFields + ` refunds { id }
 lineItems(first: 10) { nodes {` + lineFields + ` }` + pageFields + ` } }` + pageFields + ` } }`

	queryCustomers = `query Customers($first: Int!, $after: String, $query: String) {
 customers(first: $first, after: $after, query: $query, sortKey: UPDATED_AT) { nodes {` + customerFields + ` }` + pageFields + ` } }`

	queryNodes = `query Whole($ids: [ID!]!, $lines: Int!, $parts: Int!) { nodes(ids: $ids) { ... on Order {` + orderFields + `
 lineItems(first: $lines) { nodes {` + lineFields + ` }` + pageFields + ` }
 refunds { id createdAt processedAt
 refundLineItems(first: $parts) { nodes {` + refundLineFields + ` }` + pageFields + ` }
 orderAdjustments(first: 10) { nodes { amountSet` + amountOf + ` taxAmountSet` + amountOf + ` } } } } } }`

	queryLines = `query Lines($id: ID!, $after: String) { order(id: $id) {
 lineItems(first: 50, after: $after) { nodes {` + lineFields + ` }` + pageFields + ` } } }`

	queryRefundLines = `query RefundLines($id: ID!, $after: String) { refund(id: $id) {
 refundLineItems(first: 50, after: $after) { nodes {` + refundLineFields + ` }` + pageFields + ` } } }`

	queryShop = `query Shop { shop { id name myshopifyDomain ianaTimezone currencyCode }
 currentAppInstallation { accessScopes { handle } } }`

	queryProbe = `query Probe { customers(first: 1) { nodes { id firstName defaultEmailAddress { emailAddress } } }
 orders(first: 1) { nodes { id email phone } } }`

	queryBulk = `query Bulk($id: ID!) { bulkOperation(id: $id) {
 id status errorCode objectCount fileSize url } }`

	mutationBulk = `mutation RunBulk($query: String!) { bulkOperationRunQuery(query: $query, groupObjects: true) {
 bulkOperation { id status } userErrors { code field message } } }`

	queryHooks = `query Hooks($after: String) { webhookSubscriptions(first: 100, after: $after) {
 nodes { id topic uri }` + pageFields + ` } }`

	mutationHook = `mutation Subscribe($topic: WebhookSubscriptionTopic!, $hook: WebhookSubscriptionInput!) {
 webhookSubscriptionCreate(topic: $topic, webhookSubscription: $hook) { userErrors { field message } } }`

	mutationMoveHook = `mutation Move($id: ID!, $hook: WebhookSubscriptionInput!) {
 webhookSubscriptionUpdate(id: $id, webhookSubscription: $hook) { userErrors { field message } } }`

	mutationUninstall = `mutation Uninstall { appUninstall { userErrors { field message } } }`
)
