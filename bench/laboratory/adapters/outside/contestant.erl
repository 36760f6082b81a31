%% Two processes that send each other messages, in Erlang as one writes it.
%%
%%   erl -noshell -run contestant main PLACE PAYLOAD SIZE PERCENTILES     e.g. apart bytes 1024 50,90,99
%%
%% Reads tasks from its standard input, a line each, and answers each with a line of JSON:
%%
%%   calls COUNT IN_FLIGHT | pace COUNT PER_SECOND | saturate COUNT TIMED_EVERY | lone COUNT IDLE_MS | idle MS
%%
%% Left to itself the runtime soon has both on one scheduler. Here each is kept on a thread, by an option that is not
%% documented, and has been there for many releases.
%%
%% Mailboxes have no limit. Where nobody waits for answers the sender keeps to a window, as one has to that does not want
%% to fill the memory: the receiver says after each half of it how far it is.
-module(contestant).
-export([main/1]).

-define(WINDOW, 8192).
-define(BLOCKS, 16).

-record(pair, {index, at}).
-record(order, {index, at, name, tags}).
-record(block, {index, at, data}).

main([Place, Kind, Size, Percentiles]) ->
    ok = io:setopts([binary]),
    put(receiver_scheduler, case Place of "apart" -> 2; "together" -> 1 end),
    Payload = payload(Kind, list_to_integer(Size)),
    Wanted = [number(Part) || Part <- string:tokens(Percentiles, ",")],
    serve(Payload, Wanted).

serve(Payload, Percentiles) ->
    case io:get_line("") of
        eof -> halt(0);
        Line ->
            [Name | Numbers] = string:tokens(binary_to_list(string:trim(Line)), " "),
            io:put_chars([answer(Name, [number(Part) || Part <- Numbers], Payload, Percentiles), $\n]),
            serve(Payload, Percentiles)
    end.

number(Text) ->
    case string:to_float(Text) of
        {error, no_float} -> list_to_integer(Text);
        {Number, _} -> Number
    end.

payload("pair", _) -> pair;
payload("order", _) -> order;
payload("bytes", Size) -> list_to_tuple([binary:copy(<<Block>>, Size) || Block <- lists:seq(0, ?BLOCKS - 1)]).

make(pair, Index, At) -> #pair{index = Index, at = At};
make(order, Index, At) -> #order{index = Index, at = At, name = <<"abcdefghijkl">>, tags = [<<"alpha">>, <<"beta">>, <<"gamma">>]};
make(Blocks, Index, At) -> #block{index = Index, at = At, data = element(Index rem ?BLOCKS + 1, Blocks)}.

%% The time of the message that has to be this one; anything else ends the process, and the program with it.
check(#pair{index = Index, at = At}, Index) -> At;
check(#order{index = Index, at = At, name = <<"abcdefghijkl">>, tags = [<<"alpha">>, <<"beta">>, <<"gamma">>]}, Index) -> At;
check(#block{index = Index, at = At, data = Data}, Index) ->
    Byte = Index rem ?BLOCKS,
    Byte = binary:first(Data),
    Byte = binary:last(Data),
    At.

now_ns() -> erlang:monotonic_time(nanosecond).

spawn_sender(Work) -> spawn_opt(Work, [link, {scheduler, 1}]).
spawn_receiver(Work) -> spawn_opt(Work, [link, {scheduler, get(receiver_scheduler)}]).

answer("idle", [Milliseconds], Payload, _) ->
    Receiver = spawn_receiver(fun() -> collect(0, 1, [], none) end),
    timer:sleep(Milliseconds),
    Receiver ! make(Payload, 0, 0),
    "{}";
answer(Name, [Count, Detail], Payload, Percentiles) ->
    Self = self(),
    {Sent, Received} =
        case Name of
            "calls" ->
                Echo = spawn_receiver(fun() -> echo(0, Count) end),
                {spawn_sender(fun() -> Self ! {done, self(), ask(Echo, Count, Detail, Payload)} end), same};
            _ ->
                Receiver = spawn_receiver(fun() -> Self ! {done, self(), receive_all(Count)} end),
                {spawn_sender(fun() -> Self ! {done, self(), send_all(Name, Receiver, Count, Detail, Payload)} end), Receiver}
        end,
    Began = receive {done, Sent, Result} -> Result end,
    case Received of
        same -> json(0, Began, Percentiles);
        _ ->
            {Ended, Latencies} = receive {done, Received, Of} -> Of end,
            json(Ended - Began, Latencies, Percentiles)
    end.

%% Requests, so many at a time.

echo(Count, Count) -> ok;
echo(Index, Count) ->
    receive
        {From, Message} ->
            _ = check(Message, Index),
            From ! Message,
            echo(Index + 1, Count)
    end.

ask(Echo, Count, InFlight, Payload) ->
    Asked = min(Count, InFlight),
    [Echo ! {self(), make(Payload, Index, now_ns())} || Index <- lists:seq(0, Asked - 1)],
    ask(Echo, 0, Asked, Count, Payload, []).

ask(_, Count, _, Count, _, Latencies) -> Latencies;
ask(Echo, Answered, Asked, Count, Payload, Latencies) ->
    At = receive Message -> check(Message, Answered) end,
    Latency = now_ns() - At,
    Next =
        case Asked < Count of
            true -> Echo ! {self(), make(Payload, Asked, now_ns())}, Asked + 1;
            false -> Asked
        end,
    ask(Echo, Answered + 1, Next, Count, Payload, [Latency | Latencies]).

%% One way.

send_all(Name, Receiver, Count, Detail, Payload) ->
    Receiver ! {sender, self()},
    Began = now_ns(),
    case Name of
        "pace" -> pace(Receiver, 0, Count, Began, 1.0e9 / Detail, Payload);
        "saturate" -> saturate(Receiver, 0, Count, ?WINDOW, Detail, Payload);
        "lone" -> lone(Receiver, 0, Count, Detail, Payload)
    end,
    Began.

%% What is due is sent however late it is, and timed from when it was due.
pace(_, Count, Count, _, _, _) -> ok;
pace(Receiver, Index, Count, Began, Every, Payload) ->
    Due = Began + trunc((Index + 1) * Every),
    wait_until(Due),
    Receiver ! make(Payload, Index, Due),
    pace(Receiver, Index + 1, Count, Began, Every, Payload).

wait_until(Due) ->
    case now_ns() >= Due of
        true -> ok;
        false -> wait_until(Due)
    end.

saturate(_, Count, Count, _, _, _) -> ok;
saturate(Receiver, Index, Count, Index, TimedEvery, Payload) ->
    receive {taken, Taken} -> saturate(Receiver, Index, Count, Taken + ?WINDOW, TimedEvery, Payload) end;
saturate(Receiver, Index, Count, Limit, TimedEvery, Payload) ->
    At = case TimedEvery =/= 0 andalso Index rem TimedEvery =:= 0 of true -> now_ns(); false -> 0 end,
    Receiver ! make(Payload, Index, At),
    saturate(Receiver, Index + 1, Count, Limit, TimedEvery, Payload).

lone(_, Count, Count, _, _) -> ok;
lone(Receiver, Index, Count, IdleMs, Payload) ->
    timer:sleep(IdleMs),
    Receiver ! make(Payload, Index, now_ns()),
    lone(Receiver, Index + 1, Count, IdleMs, Payload).

receive_all(Count) ->
    Sender = receive {sender, Pid} -> Pid end,
    Latencies = collect(0, Count, [], Sender),
    {now_ns(), Latencies}.

collect(Count, Count, Latencies, _) -> Latencies;
collect(Index, Count, Latencies, Sender) ->
    At = receive Message -> check(Message, Index) end,
    case (Index + 1) rem (?WINDOW div 2) of
        0 when Sender =/= none -> Sender ! {taken, Index + 1};
        _ -> ok
    end,
    collect(Index + 1, Count, case At of 0 -> Latencies; _ -> [now_ns() - At | Latencies] end, Sender).

%% Answers.

json(Nanoseconds, Latencies, Percentiles) ->
    Sorted = list_to_tuple(lists:sort(Latencies)),
    Count = tuple_size(Sorted),
    Picked = case Count of 0 -> []; _ -> [pick(Sorted, Count, Percentile) || Percentile <- Percentiles] end,
    io_lib:format("{\"seconds\":~.9f,\"count\":~b,\"nanoseconds\":[~s]}", [
        Nanoseconds / 1.0e9, Count, lists:join(",", [integer_to_list(Value) || Value <- Picked])
    ]).

pick(Sorted, Count, Percentile) -> element(max(1, ceil(Percentile / 100 * Count)), Sorted).
