// Command gen writes the kernels of package multiscalar and their Go declarations,
// ifma_amd64.s for processors with AVX-512 IFMA and avx2_amd64.s for those with
// AVX2 (the files of this folder whose names begin so):
//
//	go run . FOLDER
//
// It is a module of its own, so that nothing but the making of these files
// depends on its assembler. A test in package multiscalar runs it and fails
// when its output differs from the files beside it.
//
// The generator carries an upper bound of every limb through every
// instruction (see bounds.go) and stops where one could be exceeded. The
// bounds stand in the assembly as comments.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/pass"
	"github.com/mmcloughlin/avo/printer"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: go run . FOLDER")
		os.Exit(2)
	}
	if err := generate(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

// generate writes the files into folder.
func generate(folder string) error {
	if err := write(folder, "ifma", forIFMA().Context); err != nil {
		return err
	}
	return write(folder, "avx2", forAVX2().Context)
}

func forIFMA() *kernels {
	k := newKernels()
	k.multiply()
	k.squareTwo()
	k.add()
	k.subtract()
	k.choose()
	k.classify()
	k.unpack()
	k.storeEntries()
	k.addEntries()
	k.addSums()
	return k
}

func forAVX2() *avx2 {
	k := newAVX2()
	k.multiply()
	k.squareTwo()
	k.add()
	k.subtract()
	k.choose()
	k.classify()
	k.unpack()
	k.storeEntries()
	k.addEntries()
	k.addSums()
	return k
}

// write writes the assembly of a back end and its declarations.
func write(folder, name string, kernels *build.Context) error {
	file, err := kernels.Result()
	if err != nil {
		return fmt.Errorf("building the kernels of %s: %w", name, err)
	}
	if err := pass.Compile.Execute(file); err != nil {
		return fmt.Errorf("allocating registers: %w", err)
	}
	cfg := printer.Config{Name: "crypto/group/multiscalar/gen", Pkg: "multiscalar"}
	for name, p := range map[string]printer.Printer{
		name + "_amd64.s":        printer.NewGoAsm(cfg),
		name + "_stubs_amd64.go": printer.NewStubs(cfg),
	} {
		text, err := p.Print(file)
		if err != nil {
			return fmt.Errorf("printing %s: %w", name, err)
		}
		if err := os.WriteFile(filepath.Join(folder, name), text, 0o644); err != nil {
			return err
		}
	}
	return nil
}
