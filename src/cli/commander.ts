// The one door for commander: reads the command line.

export { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
