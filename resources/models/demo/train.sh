#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Trains the demonstration model again: train.sh DATA_FOLDER OUT_FOLDER [MINUTES]
# DATA_FOLDER holds pbmc3k_half_a.h5ad and lung_cell_lines.h5ad (see README.md). More minutes give a better model; a run
# limited by time is not repeatable bit by bit, one limited by --steps is.
set -euo pipefail
data=$(realpath "$1"); mkdir -p "$2"; out=$(realpath "$2"); minutes=${3:-45}
cellwright tokenize "$data/pbmc3k_half_a.h5ad" "$data/lung_cell_lines.h5ad" --dictionary v1 --out "$out/demo.tokens.h5"
cellwright pretrain "$out/demo.tokens.h5" --out "$out/run" --preset demo --minutes "$minutes" \
  --tokens-per-batch 4096 --learning-rate 0.0015 --weight-decay 0.01 --hidden-dropout 0.05 --attention-dropout 0.05 \
  --leave-out 0.5 --start-from-frequencies --validation 0.2 --checkpoint-minutes 3 --store float16
sed -i "s#$data/##; s#$out/##" "$out/run/model/cellwright.json" "$out/run/training.json"  # file names without this machine's folders
echo "the model: $out/run/model; judge it with bench/demo_model.py"
