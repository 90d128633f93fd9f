package models

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/sensory-agent/sensory-agent/cognition/model"
)

// sightsName is the file of what pictures cost, in the models folder: it is of this machine, and
// none of a model's own files. sightsMost bounds what is read and kept of it.
const (
	sightsName  = "sight-costs.json"
	sightsMost  = 64
	sightsBytes = 1 << 20
)

// sightRecord is what one model's pictures cost on one provider and device.
type sightRecord struct {
	Model string `json:"model"`
	model.SightCosts
}

// NoteSight keeps what a model's pictures cost on this machine, in the place of what was measured
// there before, so that it can be said without loading the model. What was measured longest ago
// makes room.
func (s *Store) NoteSight(id string, m model.SightCosts) error {
	s.noting.Lock()
	defer s.noting.Unlock()
	records := slices.DeleteFunc(s.sights(), func(r sightRecord) bool {
		return r.Model == id && r.Provider == m.Provider && r.Device == m.Device
	})
	records = append(records, sightRecord{id, m})
	records = records[max(len(records)-sightsMost, 0):]
	data, err := json.MarshalIndent(records, "", "  ")
	if err == nil {
		err = os.MkdirAll(s.dir, 0o755) // as every folder of models
	}
	if err == nil {
		err = replaceFile(filepath.Join(s.dir, sightsName), append(data, '\n'))
	}
	if err != nil {
		return fmt.Errorf("keep what pictures cost: %w", err)
	}
	return nil
}

// sights reads the file. One that cannot be read says nothing: what it held is measured again.
func (s *Store) sights() []sightRecord {
	file, err := os.Open(filepath.Join(s.dir, sightsName))
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			s.log.Warn("what pictures cost is not known", "error", err)
		}
		return nil
	}
	defer func() { _ = file.Close() }() // it was only read
	var records []sightRecord
	if err := json.NewDecoder(io.LimitReader(file, sightsBytes)).Decode(&records); err != nil {
		s.log.Warn("what pictures cost is not known", "file", sightsName, "error", err)
		return nil
	}
	return records
}

// replaceFile writes a file whole or not at all.
func replaceFile(path string, data []byte) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), ".tmp-*")
	if err != nil {
		return err
	}
	_, err = tmp.Write(data)
	err = errors.Join(err, tmp.Chmod(0o644), tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		_ = os.Remove(tmp.Name())
	}
	return err
}
