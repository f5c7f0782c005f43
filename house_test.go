package main_test

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestCode holds the rules of style that a program can decide: no init, no
// panic, no exit and no printing outside of main, and no file of two ideas.
func TestCode(t *testing.T) {
	const longest = 400
	files := token.NewFileSet()
	for _, name := range tracked(t, ".go") {
		f, err := parser.ParseFile(files, name, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		if ast.IsGenerated(f) {
			continue
		}
		if lines := files.File(f.FileStart).LineCount(); lines > longest {
			t.Errorf("%s has %d lines: past %d it holds two ideas", name, lines, longest)
		}
		for _, found := range forbidden(f, name) {
			t.Errorf("%s: init, panic, os.Exit and fmt.Print belong to main; return an error", files.Position(found.Pos()))
		}
	}
}

// forbidden finds init functions and calls that only main (or a test) may make.
func forbidden(f *ast.File, name string) []ast.Node {
	var found []ast.Node
	free := f.Name.Name == "main" || strings.HasSuffix(name, "_test.go")
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			if n.Recv == nil && n.Name.Name == "init" {
				found = append(found, n)
			}
		case *ast.CallExpr:
			if !free && slices.Contains([]string{"panic", "os.Exit", "log.Fatal", "log.Fatalf",
				"fmt.Print", "fmt.Printf", "fmt.Println"}, callee(n)) {
				found = append(found, n)
			}
		}
		return true
	})
	return found
}

// callee is the called function as written, "f" or "pkg.F".
func callee(call *ast.CallExpr) string {
	switch fun := call.Fun.(type) {
	case *ast.Ident:
		return fun.Name
	case *ast.SelectorExpr:
		if pkg, ok := fun.X.(*ast.Ident); ok {
			return pkg.Name + "." + fun.Sel.Name
		}
	}
	return ""
}

// TestReadmes: each top-level folder explains itself on a page, and there is no
// other Markdown than a folder's README.
func TestReadmes(t *testing.T) {
	const page = 60
	for _, name := range tracked(t, ".md") {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if filepath.Base(name) != "README.md" {
			t.Errorf("%s: what is worth saying stands in a folder's README.md or in the code", name)
		}
		if lines := bytes.Count(text, []byte("\n")); name != "README.md" && lines > page {
			t.Errorf("%s has %d lines, more than the %d of a page", name, lines, page)
		}
	}
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if !entry.IsDir() || ignored(entry.Name()) {
			continue
		}
		if _, err := os.Stat(filepath.Join(entry.Name(), "README.md")); err != nil {
			t.Errorf("%s has no README.md: what flows in and out, what it may import, how to add one more, why it is so", entry.Name())
		}
	}
}

// tracked lists the repository's files with an extension, without what is built
// or downloaded.
func tracked(t *testing.T, extension string) []string {
	t.Helper()
	var names []string
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != "." && ignored(d.Name()):
			return fs.SkipDir
		case !d.IsDir() && filepath.Ext(name) == extension:
			names = append(names, name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func ignored(dir string) bool {
	return strings.HasPrefix(dir, ".") || slices.Contains([]string{"bin", "data", "node_modules", "dist", "test-results"}, dir)
}
