package models

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// maxFolderFiles bounds the files of a user's model folder.
const maxFolderFiles = 500

// folderFiles lists a local model: every regular file of a folder, or one file. Links and hidden files are left out.
func folderFiles(root string) ([]File, error) {
	info, err := os.Stat(root)
	if err != nil {
		return nil, fmt.Errorf("look at the folder: %w", err)
	}
	if !info.IsDir() {
		name := filepath.Base(root)
		if !safePath(name) {
			return nil, fmt.Errorf("%w: %q", ErrUnsafePath, name)
		}
		return []File{{Path: name, Size: info.Size(), Sources: []Source{{File: root}}}}, nil
	}
	var files []File
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || path == root {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		switch {
		case !safePath(rel) && d.IsDir():
			return filepath.SkipDir
		case !safePath(rel) || !d.Type().IsRegular():
			return nil
		case len(files) == maxFolderFiles:
			return fmt.Errorf("%s has more than %d files", root, maxFolderFiles)
		}
		size, err := d.Info()
		if err != nil {
			return err
		}
		files = append(files, File{Path: rel, Size: size.Size(), Sources: []Source{{File: path}}})
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("look at the folder: %w", err)
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("%s has no files", root)
	}
	return files, nil
}
