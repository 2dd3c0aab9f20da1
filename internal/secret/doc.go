// Package secret makes and checks what people and programs prove themselves with:
// passwords, random tokens, recovery codes.
//
// Passwords are guessable and get a slow hash (argon2id). Tokens and recovery codes
// are random and long; SHA-256 is enough for them and lets the database look them up.
package secret
