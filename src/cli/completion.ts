// `sluice completion SHELL`: a script that completes commands, flags and the words that flags take, made from the
// commands themselves.

import type { Command, Option } from './commander.ts';
import { EXIT } from './exit_codes.ts';
import type { Surroundings } from './program.ts';

export const SHELLS = ['bash', 'elvish', 'fish', 'powershell', 'zsh'] as const;

interface Flag {
  readonly long: string;
  readonly doc: string;
  readonly takesValue: boolean;
  /** The words it takes, where they are a closed list. */
  readonly choices: readonly string[];
}

interface Entry {
  readonly name: string;
  readonly doc: string;
  readonly flags: readonly Flag[];
}

/** What is completed: flags without a command, and commands with theirs. */
interface Completions {
  readonly flags: readonly Flag[];
  readonly commands: readonly Entry[];
}

export function completion(
  shell: string,
  program: Command,
  { stdout, stderr }: Pick<Surroundings, 'stdout' | 'stderr'>,
): number {
  const script = Object.hasOwn(SCRIPTS, shell) ? SCRIPTS[shell as keyof typeof SCRIPTS] : undefined;
  if (!script) {
    stderr.write(`unknown shell \`${shell}\`; known: ${SHELLS.join(', ')}\n`);
    return EXIT.usage;
  }
  stdout.write(script(completionsOf(program)));
  return EXIT.ok;
}

function completionsOf(program: Command): Completions {
  // The help knows which commands are hidden, which the command itself tells nobody.
  const commands = program
    .createHelp()
    .visibleCommands(program)
    .filter((command) => command.name() !== 'help');
  return {
    flags: flagsOf(program),
    commands: commands.map((command) => ({
      name: command.name(),
      doc: command.description().split('\n')[0]!,
      flags: flagsOf(command),
    })),
  };
}

function flagsOf(command: Command): Flag[] {
  return command
    .createHelp()
    .visibleOptions(command)
    .filter(({ long }) => long !== undefined)
    .map(({ long, description, argChoices, required, optional }: Option) => ({
      long: long!,
      doc: description.split('\n')[0]!,
      takesValue: required || optional,
      choices: argChoices ?? [],
    }));
}

/** Text in single quotes, for shells with the quoting of the Bourne shell. */
const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

const longs = (flags: readonly Flag[]): string[] => flags.map(({ long }) => long);
const names = (commands: readonly Entry[]): string[] => commands.map(({ name }) => name);

const SCRIPTS: Record<(typeof SHELLS)[number], (completions: Completions) => string> = {
  bash: bashScript,
  elvish: elvishScript,
  fish: fishScript,
  powershell: powershellScript,
  zsh: zshScript,
};

/** Words are separated by newlines, so that names of files may have blanks. */
function bashScript({ flags, commands }: Completions): string {
  const words = (all: readonly string[]): string => `$${quote(all.join('\\n'))}`;
  const branch = (pattern: string, own: readonly Flag[], more: readonly string[]): string => {
    const choices = own.filter((flag) => flag.choices.length > 0);
    const cases = choices.map((flag) => `        ${flag.long}) words=${words(flag.choices)}; files=;;`);
    const inner = cases.length > 0 ? `\n      case "$before" in\n${cases.join('\n')}\n      esac` : '';
    return `    ${pattern})\n      words=${words([...more, ...longs(own)])}${inner};;`;
  };
  return `_sluice() {
  local IFS=$'\\n' word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" command= words= files=-f i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "\${COMP_WORDS[i]}" in
      ${names(commands).join('|')}) command="\${COMP_WORDS[i]}"; break;;
    esac
  done
  case "$command" in
${commands.map(({ name, flags: own }) => branch(name, own, [])).join('\n')}
${branch('*', flags, names(commands))}
  esac
  COMPREPLY=($(compgen $files -W "$words" -- "$word"))
}
complete -o filenames -F _sluice sluice
`;
}

/** Works from a folder of \`$fpath\` and by \`source\`. */
function zshScript({ flags, commands }: Completions): string {
  const spec = ({ long, doc, takesValue, choices }: Flag): string => {
    const value = choices.length > 0 ? `:value:(${choices.join(' ')})` : ':value:_files';
    return quote(`*${long}[${doc.replaceAll(/[[\]\\]/g, '\\$&')}]${takesValue ? value : ''}`);
  };
  const list = (own: readonly Flag[]): string => own.map(spec).join(' ');
  return `#compdef sluice
_sluice() {
  local word command=
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case "$word" in
      ${names(commands).join('|')}) command="$word"; break;;
    esac
  done
  case "$command" in
${commands.map(({ name, flags: own }) => `    ${name}) _arguments ${list(own)} '*:file:_files';;`).join('\n')}
    *)
      local -a commands
      commands=(
${commands.map(({ name, doc }) => `        ${quote(`${name}:${doc}`)}`).join('\n')}
      )
      _describe command commands
      _arguments ${list(flags)};;
  esac
}
if [ "$funcstack[1]" = _sluice ]; then _sluice "$@"; else compdef _sluice sluice; fi
`;
}

function fishScript({ flags, commands }: Completions): string {
  // In single quotes, fish reads a backslash before a quote or another backslash as an escape, and no other.
  const quoted = (text: string): string => `'${text.replaceAll(/['\\]/g, '\\$&')}'`;
  const line = (condition: string, { long, doc, takesValue, choices }: Flag): string => {
    const value = choices.length > 0 ? ` -x -a ${quoted(choices.join(' '))}` : takesValue ? ' -r' : '';
    return `complete -c sluice -n ${quoted(condition)} -l ${long.slice(2)} -d ${quoted(doc)}${value}`;
  };
  const first = `not __fish_seen_subcommand_from ${names(commands).join(' ')}`;
  return `${[
    ...flags.map((flag) => line(first, flag)),
    ...commands.map(({ name, doc }) => `complete -c sluice -n ${quoted(first)} -a ${name} -d ${quoted(doc)}`),
    ...commands.flatMap(({ name, flags: own }) => own.map((flag) => line(`__fish_seen_subcommand_from ${name}`, flag))),
  ].join('\n')}\n`;
}

function powershellScript({ flags, commands }: Completions): string {
  const list = (words: readonly string[]): string =>
    words.length > 0 ? words.map((word) => `'${word.replaceAll("'", "''")}'`).join(', ') : '@()';
  return `Register-ArgumentCompleter -Native -CommandName sluice -ScriptBlock {
  param($word, $ast, $position)
  $commands = ${list(names(commands))}
  $command = $ast.CommandElements | Select-Object -Skip 1 | ForEach-Object { $_.ToString() } | Where-Object { $_ -in $commands -and $_ -ne $word } | Select-Object -First 1
  $words = switch ($command) {
${commands.map(({ name, flags: own }) => `    '${name}' { ${list(longs(own))} }`).join('\n')}
    default { ${list([...names(commands), ...longs(flags)])} }
  }
  $words | Where-Object { $_ -like "$word*" } | ForEach-Object { [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_) }
}
`;
}

function elvishScript({ flags, commands }: Completions): string {
  const line = (name: string, words: readonly string[]): string => `    &${name}={ put ${words.join(' ')} }`;
  return `set edit:completion:arg-completer[sluice] = {|@words|
  var completions = [
${[line("''", [...names(commands), ...longs(flags)]), ...commands.map(({ name, flags: own }) => line(name, longs(own)))].join('\n')}
  ]
  var command = ''
  for word $words[1..-1] {
    if (and (eq $command '') (has-key $completions $word)) { set command = $word }
  }
  $completions[$command]
}
`;
}
