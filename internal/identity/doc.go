// Package identity normalises what people are recognised by across platforms,
// shops and billing (addresses, phone numbers, account ids, personal codes) and
// makes keys of it: fingerprints that tell whether two values are the same without
// telling the value.
//
// A key is HMAC-SHA-256(K, kind ‖ 0x00 ‖ normalised), where K belongs to one
// organisation and one kind: keys of two organisations never compare, and a plain
// hash of a phone number could be found by trying all numbers.
//
// K is derived from the vault's fingerprint key, which is not in the database and
// which rotations leave in place. It has to stay: suppression lists keep keys of
// people whose values were erased, so that nobody could make them again under
// another K. What is rotated are the keys that seal the values themselves. Should
// the fingerprint key leak, keys can be made anew from the sealed values, except
// those of the erased.
//
// A change of the normalisation changes keys as well: it needs a new version of the
// kind and a pass over the sealed values, never an edit in place. Golden keys in the
// tests say so when it happens by accident.
package identity
