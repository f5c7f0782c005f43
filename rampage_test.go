package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"time"
)

// rampage is a game that draws like another, until its home has a file of the
// name "rampage": then it takes all that it gets of everything at once. With a
// file "fill" it fills its home too.
func rampage(arguments []string) error {
	if len(arguments) > 0 {
		return rage(arguments[0])
	}
	program, err := os.Executable()
	if err != nil {
		return err
	}
	lab := exec.Command(program, "lab", "--scene", "quiet")
	lab.Stderr = os.Stderr
	if err := lab.Start(); err != nil {
		return err
	}
	home := os.Getenv("HOME")
	awaitFile(filepath.Join(home, "rampage"))
	ctx, end := context.WithCancel(context.Background())
	var others sync.WaitGroup
	for _, kind := range []string{"memory", "disk", "files", "forks"} {
		others.Go(func() {
			for ctx.Err() == nil { // the kernel ends some of them now and then
				exec.CommandContext(ctx, program, "rampage", kind).Run()
			}
		})
	}
	awaitFile(filepath.Join(home, "fill"))
	end() // what the forks have begun goes on; who takes memory would have the kernel end us
	others.Wait()
	return rage("home")
}

// awaitFile waits for a sign from outside.
func awaitFile(path string) {
	for {
		if _, err := os.Stat(path); err == nil {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// rage takes of one thing until it is ended.
func rage(kind string) error {
	switch kind {
	case "forks": // which do not rest; few, and nice enough to leave the rest of us threads and time
		for range 150 {
			if err := exec.Command("nice", "-n", "19", "/bin/sh", "-c", "while :; do :; done").Start(); err != nil {
				return err
			}
		}
		select {}
	case "memory":
		var all [][]byte
		for {
			block := make([]byte, 8<<20)
			for i := range block {
				block[i] = byte(i)
			}
			all = append(all, block)
			_ = all
		}
	case "disk": // no more than it may have, and all of it to the disk, for ever
		for {
			if err := fill("scratch", 1); err != nil {
				return err
			}
		}
	case "files":
		for _, folder := range []string{"/tmp", "/dev/shm", os.Getenv("XDG_RUNTIME_DIR")} {
			for i := 0; fill(filepath.Join(folder, fmt.Sprint("fill", i)), 1) == nil; i++ {
				continue
			}
		}
		select {}
	case "home":
		for i := 0; ; i++ {
			if err := fill(fmt.Sprint("fill", i), 8); err != nil {
				return err
			}
		}
	}
	return errors.New("no such thing to take")
}

// fill writes a file of 16 MiB so many times over, to the disk each time.
func fill(path string, times int) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer file.Close()
	block := make([]byte, 16<<20)
	for range times {
		if _, err := file.Write(block); err != nil {
			return err
		}
		if err := file.Sync(); err != nil {
			return err
		}
	}
	return nil
}
