//go:build !linux

package durable

func renameExclusive(from, to string) error { return renameChecked(from, to) }
