// Other implementations, measured beside ours in one run on one machine. A
// module of its own, so that the project does not depend on them.
module github.com/openreferendum/referendum/bench/peers

go 1.26.0

require (
	github.com/oasisprotocol/curve25519-voi v0.0.0-20230904125328-1f23a7beb09a
	github.com/openreferendum/referendum v0.0.0
)

require (
	github.com/bwesterb/go-ristretto v1.2.3 // indirect
	github.com/cloudflare/circl v1.6.4 // indirect
	golang.org/x/crypto v0.57.0 // indirect
	golang.org/x/sys v0.49.0 // indirect
)

replace github.com/openreferendum/referendum => ../..
