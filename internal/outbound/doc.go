// Package outbound is the one HTTP client for addresses that a user can influence:
// a webhook's target, an OpenID issuer, a self-hosted platform. It reaches the
// public internet and what the operator allowed, nothing else.
//
// The address is judged when the socket connects, after the name was resolved, so
// that a name cannot show one address to a check and another to the connection.
package outbound
