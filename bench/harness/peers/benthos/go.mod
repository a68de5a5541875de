module sluice.bench/benthos

go 1.26

require github.com/redpanda-data/benthos/v4 v4.60.0
