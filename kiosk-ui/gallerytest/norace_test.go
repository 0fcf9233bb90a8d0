//go:build !race

package gallerytest

const sparing = false
