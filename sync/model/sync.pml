/*
 * The push of one stream, as packages outbox and inbox do it, in Promela.
 *
 * A station has N entries. The line loses, doubles and reorders requests and
 * answers; either end is switched off between any two steps; the city is once
 * put back to an older copy of itself. TROUBLES bounds how often something goes
 * wrong, so that Spin can search everything there is.
 *
 *	spin -a sync.pml && cc -O2 -DSAFETY -o pan pan.c && ./pan        what is never
 *	spin -a sync.pml && cc -O2 -DNFAIR=3 -o pan pan.c && ./pan -a -f -N delivered
 *
 * Two bugs can be put in; Spin must find both:
 *
 *	-DNODEDUP    the city applies a batch without looking how far it is
 *	-DSPLIT      the city commits entries and position one after the other
 *
 * check.sh does all of it.
 */

#ifndef N
#define N 3 /* entries of the station */
#endif
#define BATCH 2 /* entries in a batch, at most */

/* How often something goes wrong, of whatever kind, and how often of these the
 * city is put back to an older copy. */
#ifndef TROUBLES
#define TROUBLES 3
#endif
#define CITY_BACK 1

/* On the city's disk. */
byte cursor;         /* it holds the stream through this number */
byte applied[N + 1]; /* how often each entry took effect */

/* On the station's disk. */
byte confirmed;     /* highest receipt that is kept */
byte ffirst, flast; /* the frozen batch; ffirst 0: none */

/* What went wrong so far. */
byte troubles, city_back;

/* The line. */
chan put = [2] of { byte, byte }; /* PUT …/entries/{first}-{last} */
chan receipt = [2] of { byte };   /* the signed answer: through this number */

/* outbox: a run, and the next one when it ended badly */
active proctype station()
{
	byte held = 0; /* how far the city is, by its last word; lost when switched off */
	byte through;

round:
	/* run.ask: the city's position is the truth. A frozen batch that the city
	 * has, or no longer continues, is let go (run.resend); the receipt for what
	 * it holds is fetched (run.fetchReceipt). */
	atomic {
		held = cursor;
		if
		:: ffirst > 0 && (held >= flast || held + 1 < ffirst) -> ffirst = 0
		:: else
		fi;
		if
		:: held > confirmed -> confirmed = held
		:: else
		fi
	}
	if
	:: held >= N ->
end_idle:	atomic { cursor < N -> goto round } /* the city went back; the next night's run sees it */
	:: else
	fi;
	/* run.prepare: pack, and freeze durably before the first send */
	atomic {
		if
		:: ffirst == 0 ->
			ffirst = held + 1;
			if
			:: flast = ffirst
			:: ffirst + BATCH - 1 <= N -> flast = ffirst + BATCH - 1
			fi
		:: else
		fi
	}
	if
	:: atomic { troubles < TROUBLES -> troubles++; goto round } /* what is on the disk stays */
	:: atomic { nfull(put) -> put ! ffirst, flast } /* run.send: the same bytes, as often as need be */
	:: full(put) -> goto round
	fi;
	if
	/* run.believe and run.settle: only the receipt for exactly this batch counts */
	:: atomic {
		receipt ? through ->
		if
		:: through == flast ->
			if
			:: through > confirmed -> confirmed = through
			:: else
			fi;
			ffirst = 0
		:: else /* of another batch: not an answer to this request */
		fi
	   }
	:: atomic { troubles < TROUBLES -> troubles++ }
	:: skip /* no answer in time, or a cut line */
	fi;
	goto round
}

/* inbox: Inbox.deliver and Inbox.store */
active proctype city()
{
	byte first, last, i;

end_idle:
	do
	:: atomic {
		put ? first, last ->
#ifndef NODEDUP
		if
		:: first > cursor + 1 -> goto gap /* 409: the station asks again */
		:: else
		fi;
		/* inbox.compare: what is held already is passed over */
		i = (first > cursor + 1 -> first : cursor + 1);
#else
		i = first;
#endif
#ifndef SPLIT
		/* inbox.commit: entries, position and receipt in one transaction */
		do
		:: i <= last -> applied[i]++; i++
		:: else -> break
		od;
		if
		:: last > cursor -> cursor = last
		:: else
		fi
#else
		do
		:: i <= last -> applied[i]++; i++
		:: else -> break
		od
#endif
	   }
#ifdef SPLIT
	   /* the second of two commits; the power goes in between */
	   if
	   :: atomic { troubles < TROUBLES -> troubles++; goto gap }
	   :: atomic {
		if
		:: last > cursor -> cursor = last
		:: else
		fi
	   }
	   fi;
#endif
	   /* the answer, unless the power goes before it is given */
	   if
	   :: atomic { nfull(receipt) -> receipt ! last }
	   :: atomic { troubles < TROUBLES -> troubles++ }
	   :: full(receipt) -> skip
	   fi;
gap:
	   skip
	/* put back to an older copy: what came since is gone, with its effects */
	:: atomic {
		troubles < TROUBLES && city_back < CITY_BACK && cursor > 0 -> troubles++; city_back++;
		i = 0;
		do
		:: i < cursor - 1 -> i++
		:: break
		od;
		last = i;
		i = last + 1;
		do
		:: i <= N -> applied[i] = 0; i++
		:: else -> break
		od;
		cursor = last
	   }
	od
}

/* the line loses, doubles and lets one pass the other */
active proctype line()
{
	byte first, last, through;

end_idle:
	do
	:: atomic { troubles < TROUBLES && nempty(put) -> put ? first, last; troubles++ }
	:: atomic { troubles < TROUBLES && nempty(receipt) -> receipt ? through; troubles++ }
	:: atomic { troubles < TROUBLES && nempty(put) && nfull(put) -> put ? <first, last>; put ! first, last; troubles++ }
	:: atomic { troubles < TROUBLES && nempty(receipt) && nfull(receipt) -> receipt ? <through>; receipt ! through; troubles++ }
	:: atomic { troubles < TROUBLES && len(put) > 1 -> put ? first, last; put ! first, last; troubles++ }
	:: atomic { troubles < TROUBLES && len(receipt) > 1 -> receipt ? through; receipt ! through; troubles++ }
	od
}

/* What must hold at every moment. */
#define once (applied[1] <= 1 && applied[2] <= 1 && applied[3] <= 1)
#define whole ((cursor < 1 || applied[1] == 1) && (cursor < 2 || applied[2] == 1) && (cursor < 3 || applied[3] == 1))
#define honest (city_back > 0 || confirmed <= cursor)

active proctype never_wrong()
{
end_idle:
	atomic { !(once && whole && honest) -> assert(once); assert(whole); assert(honest) }
}

/* And in the end everything is there. */
ltl delivered { <> [] (cursor == N && whole) }
