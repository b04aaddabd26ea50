#!/usr/bin/env perl
# A host in a third language, from docs/host-protocol.md alone: core Perl, a small World of runs and steps.
#
#   world-conformance check-host --world '{"directory": "/tmp/world"}' -- perl conformance/hosts/example-perl/host.pl
#
# The World keeps everything in one file, store.json, locked while it is read and written: one operation, one gate.
# The host serves one actor and blocks while a gate is held, which is the simplest way to keep the rules.
use strict;
use warnings;
use Fcntl qw(:flock SEEK_SET);
use IO::Handle;
use JSON::PP;

my $json = JSON::PP->new->utf8->canonical;

# -- the wire: one JSON object per line on two pipes ------------------------------------------------------------

open my $in,  '<&=', $ENV{WORLD_HOST_IN}  or die "WORLD_HOST_IN: $!";
open my $out, '>&=', $ENV{WORLD_HOST_OUT} or die "WORLD_HOST_OUT: $!";
$out->autoflush(1);
$SIG{INT} = 'IGNORE';    # Ctrl-C is for the suite; the end of our input is what ends us

my @backlog;             # messages that came while a gate was held

sub tell_engine { print $out $json->encode({@_}), "\n" }

sub receive {
    my $line = <$in>;
    exit 0 unless defined $line;    # the suite is gone
    return $json->decode($line);
}

# -- time and chance: the next millisecond at each reading, random numbers from the seed -------------------------

my ($clock, $actor) = (0, '');

sub set_clock { my ($to) = @_; $clock = $to if defined $to && $to > $clock }

sub reseed {
    my ($seed) = @_;
    my $mixed = 0;    # the actor's name is in it, so that two hosts of one seed make different ids
    $mixed = ($mixed * 31 + ord) % 2**32 for split //, "$seed:$actor";
    srand $mixed;
}

sub now {
    my $ms = ++$clock;
    my ($s, $m, $h, $day, $month, $year) = gmtime int $ms / 1000;
    return {'$date' => sprintf '%04d-%02d-%02dT%02d:%02d:%02d.%03dZ', $year + 1900, $month + 1, $day, $h, $m, $s, $ms % 1000};
}

sub new_id { my ($prefix) = @_; return sprintf '%s_%012x%08x', $prefix, ++$clock, int rand 2**32 }

# -- gates: report, and block until the engine says go ------------------------------------------------------------

my ($call, $gates) = (undef, 0);

sub gate {
    my ($label, $access, @keys) = @_;
    return unless $call->{gated};
    my $number = ++$gates;
    tell_engine(type => 'gate', gate => $number, call => $call->{id}, actor => $call->{actor},
        label => $label, access => $access, keys => \@keys);
    while (1) {
        my $message = receive();
        if ($message->{type} eq 'go' && $message->{gate} == $number) { set_clock($message->{clock}); return }
        shut($message) if $message->{type} eq 'close';
        push @backlog, $message;
    }
}

# -- the World: a table of transitions over one locked file --------------------------------------------------------

my $directory;
my %ended = map { $_ => 1 } qw(completed failed cancelled);
my %becomes = (run_started => 'running', run_completed => 'completed', run_failed => 'failed', run_cancelled => 'cancelled',
    step_started => 'running', step_completed => 'completed', step_failed => 'failed', step_retrying => 'pending');

sub refuse { my ($name, $status, $message) = @_; die {name => $name, status => $status, message => $message} }
sub conflict  { refuse('EntityConflictError', 409, @_) }
sub gone      { refuse('RunExpiredError', 410, @_) }
sub not_found { refuse('WorkflowRunNotFoundError', 404, @_) }

# Do something to the store while nobody else can.
sub transact {
    my ($work) = @_;
    open my $file, '+>>', "$directory/store.json" or die "store.json: $!";
    flock $file, LOCK_EX;
    seek $file, 0, SEEK_SET;
    my $text   = do { local $/; <$file> } // '';
    my $store  = length $text ? $json->decode($text) : {runs => {}, steps => {}, events => {}};
    my $result = $work->($store);
    truncate $file, 0;
    print $file $json->encode($store);
    close $file;    # and with it the lock
    return $result;
}

sub events_create {
    my ($run_id, $event) = @_;
    my ($kind, $data) = ($event->{eventType}, $event->{eventData} // {});
    die {name => 'Unsupported', message => "no $kind here", code => 'NOT_IMPLEMENTED'} unless $kind =~ /^(run|step)_/;
    $run_id //= new_id('wrun');
    my $at = now();
    gate("$kind $run_id", 'write', $run_id);
    return transact(sub {
        my ($store) = @_;
        my $run = $store->{runs}{$run_id};
        my %result;
        if ($kind eq 'run_created') {
            conflict("run $run_id exists") if $run;
            $run = $store->{runs}{$run_id} = {%$data, runId => $run_id, status => 'pending', createdAt => $at};
            $result{run} = $run;
        } elsif (!$run) {
            not_found("no run $run_id");
        } elsif ($kind =~ /^run_/) {
            return {run => $run} if $kind eq 'run_started' && $run->{status} eq 'running';
            return {run => $run} if $kind eq 'run_cancelled' && $run->{status} eq 'cancelled';
            if ($ended{$run->{status}}) { $kind eq 'run_started' ? gone('the run has ended') : conflict('the run has ended') }
            $run->{status} = $becomes{$kind};
            $run->{startedAt} //= $at if $kind eq 'run_started';
            $run->{completedAt} = $at if $ended{$run->{status}};
            $run->{$_} = $data->{$_} for grep { exists $data->{$_} } qw(output error);
            $result{run} = $run;
        } else {
            $result{step} = step($store, $run, $event, $at);
        }
        my $log = $store->{events}{$run_id} //= [];
        my $entry = {%$event, runId => $run_id, createdAt => $at, eventId => sprintf 'evnt_%06d', scalar @$log};
        push @$log, $entry;
        return {%result, event => $entry};
    });
}

sub step {
    my ($store, $run, $event, $at) = @_;
    my ($kind, $id, $data) = ($event->{eventType}, $event->{correlationId}, $event->{eventData} // {});
    my $step = $store->{steps}{$run->{runId}}{$id};
    my $run_ended = $ended{$run->{status}};
    if ($kind eq 'step_created') {
        conflict('the run has ended') if $run_ended;
        conflict("step $id exists") if $step;
        return $store->{steps}{$run->{runId}}{$id} =
            {%$data, runId => $run->{runId}, stepId => $id, status => 'pending', attempt => 0, createdAt => $at};
    }
    not_found("no step $id") unless $step;
    conflict("step $id has ended") if $ended{$step->{status}};
    gone('the run has ended') if $run_ended && $step->{status} eq 'pending';
    $step->{status} = $becomes{$kind};
    if ($kind eq 'step_started') { $step->{attempt}++; $step->{startedAt} //= $at }
    $step->{output} = $data->{result} if exists $data->{result};
    $step->{error}  = $data->{error}  if exists $data->{error};
    return $step;
}

sub reading { my ($label, $work) = @_; gate($label, 'read'); return transact($work) }
sub page { return {data => [@_], cursor => undef, hasMore => JSON::PP::false} }

my %operations = (
    'events.create' => \&events_create,
    'events.list'   => sub { my ($p) = @_; reading('events', sub { page(@{$_[0]{events}{$p->{runId}} // []}) }) },
    'runs.get'      => sub { my ($id) = @_; reading("run $id", sub { $_[0]{runs}{$id} // not_found("no run $id") }) },
    'steps.get'     => sub { my ($run, $id) = @_; reading("step $id", sub { $_[0]{steps}{$run}{$id} // not_found("no step $id") }) },
    'steps.list'    => sub {
        my ($p) = @_;
        reading('steps', sub { my $of = $_[0]{steps}{$p->{runId}} // {}; page(map { $of->{$_} } sort keys %$of) });
    },
    'hooks.list'       => sub { page() },
    'hooks.getByToken' => sub { not_found('no hook with that token') },
    'queue'            => sub { return {messageId => new_id('msg')} },
);

# -- messages ------------------------------------------------------------------------------------------------------

sub perform {
    ($call) = @_;
    set_clock($call->{clock});
    my $operation = $operations{$call->{op}};
    my $value = eval {
        die {name => 'Unsupported', message => "no $call->{op} here", code => 'NOT_IMPLEMENTED'} unless $operation;
        $operation->(@{$call->{args}});
    };
    if (my $error = $@) {
        $error = {name => 'Error', message => "$error"} unless ref $error;
        tell_engine(type => 'error', id => $call->{id}, error => $error);
    } else {
        tell_engine(type => 'result', id => $call->{id}, value => $value);
    }
}

sub shut { my ($message) = @_; tell_engine(type => 'done', id => $message->{id}); exit 0 }

my %handlers = (
    open => sub {
        my ($message) = @_;
        ($directory, $actor) = ($message->{world}{directory}, $message->{actors}[0]);
        my $wrong = @{$message->{actors}} > 1 ? 'this host serves one actor'
            : !defined $directory || !-d $directory ? 'world.directory has to be a directory' : undef;
        return tell_engine(type => 'failed', id => $message->{id}, error => {name => 'Error', message => $wrong}) if $wrong;
        set_clock($message->{clock});
        reseed($message->{seed});
        tell_engine(type => 'opened', id => $message->{id}, name => 'example', version => '1.0.0', platform => "Perl $^V");
    },
    reset => sub {
        my ($message) = @_;
        set_clock($message->{clock});
        reseed($message->{seed});
        tell_engine(type => 'done', id => $message->{id});
    },
    call  => \&perform,
    close => \&shut,
);

while (1) {
    my $message = shift @backlog // receive();
    $handlers{$message->{type}}->($message);
}
