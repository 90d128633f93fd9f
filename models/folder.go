package models

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

const (
	// maxFolderFiles bounds the files of a user's model folder.
	maxFolderFiles = 500
	// maxFolderDepth bounds how deep its folders, and links to folders, lie in each other.
	maxFolderDepth = 16
)

// folder is a walk over a user's model folder.
type folder struct {
	root    string // as the user named it
	real    string // without links
	files   []File
	outside []string // files that are links to places outside of the folder, as "path -> place"
}

// folderFiles lists a local model: every file of a folder, or one file. Links are followed, as in
// the caches of model hubs, where every name is one; outside says which of them leave the folder.
// Hidden files are left out. A link that leads nowhere and the pointer of a large file that was not
// fetched are errors: the model would not be whole.
func folderFiles(root string) (files []File, outside []string, err error) {
	info, err := os.Stat(root)
	if err != nil {
		return nil, nil, fmt.Errorf("look at the folder: %w", err)
	}
	if !info.IsDir() {
		name := filepath.Base(root)
		if !safePath(name) {
			return nil, nil, fmt.Errorf("%w: %q", ErrUnsafePath, name)
		}
		return []File{{Path: name, Size: info.Size(), Sources: []Source{{File: root}}}}, nil, nil
	}
	w := &folder{root: root}
	if w.real, err = filepath.EvalSymlinks(root); err == nil {
		w.real, err = filepath.Abs(w.real)
	}
	if err == nil {
		err = w.walk("", []string{w.real})
	}
	if err != nil {
		return nil, nil, fmt.Errorf("look at the folder: %w", err)
	}
	if len(w.files) == 0 {
		return nil, nil, fmt.Errorf("%w: %s has no files", ErrIncomplete, root)
	}
	return w.files, w.outside, nil
}

// walk adds what is in one folder; above are the real places of the folders that it lies in and of
// itself.
func (w *folder) walk(rel string, above []string) error {
	entries, err := os.ReadDir(filepath.Join(w.root, filepath.FromSlash(rel)))
	if err != nil {
		return err
	}
	for _, d := range entries {
		name := path.Join(rel, d.Name())
		if !safePath(name) {
			continue
		}
		if err := w.add(name, above); err != nil {
			return err
		}
	}
	return nil
}

func (w *folder) add(name string, above []string) error {
	at := filepath.Join(w.root, filepath.FromSlash(name))
	real, err := filepath.EvalSymlinks(at)
	if errors.Is(err, fs.ErrNotExist) {
		target, _ := os.Readlink(at)
		return fmt.Errorf("%w: %s is a link to %s, which is not there", ErrIncomplete, at, target)
	}
	if err != nil {
		return err
	}
	if real, err = filepath.Abs(real); err != nil {
		return err
	}
	info, err := os.Stat(real)
	switch {
	case err != nil:
		return err
	case info.IsDir():
		if slices.Contains(above, real) || len(above) == maxFolderDepth {
			return fmt.Errorf("%s: folders lie in each other without end", at)
		}
		return w.walk(name, append(slices.Clone(above), real))
	case !info.Mode().IsRegular():
		return nil
	case len(w.files) == maxFolderFiles:
		return fmt.Errorf("%s has more than %d files", w.root, maxFolderFiles)
	}
	if err := pointer(real, info.Size()); err != nil {
		return fmt.Errorf("%w: %s %w", ErrIncomplete, at, err)
	}
	if !strings.HasPrefix(real, w.real+string(filepath.Separator)) {
		w.outside = append(w.outside, name+" -> "+real)
	}
	w.files = append(w.files, File{Path: name, Size: info.Size(), Sources: []Source{{File: real}}})
	return nil
}

// pointerText begins the files that Git LFS leaves in the place of large ones:
// https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md.
const pointerText = "version https://git-lfs.github.com/spec/"

// pointer reports a file that only says where its bytes are.
func pointer(file string, size int64) error {
	if size > 1024 { // the specification's bound of a pointer
		return nil
	}
	data, err := os.ReadFile(file)
	if err == nil && bytes.HasPrefix(data, []byte(pointerText)) {
		err = errors.New("is a Git LFS pointer, not the file itself; run: git lfs pull")
	}
	return err
}

// paths lists the paths of files.
func paths(files []File) []string {
	list := make([]string, 0, len(files))
	for i := range files {
		list = append(list, files[i].Path)
	}
	return list
}
