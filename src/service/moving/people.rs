//! Accounts on the move: who comes in, who is there already, who has somebody else's name.

use std::collections::{HashMap, HashSet};

use super::{Gate, MovingError, Place, Refusal, Witness, judge::Judged};
use crate::store::{
    GenericClient,
    import::{self, Arrival, Found},
};

enum Verdict {
    /// It may come in.
    Welcome,
    /// It has come before, or its twin has.
    There,
    Refused(Refusal),
}

/// Who of a lot came in so far, by name and by address: the places, and the address that goes with a name.
#[derive(Default)]
struct Guests<'a> {
    names: HashMap<&'a str, (Place, Option<&'a str>)>,
    addresses: HashMap<&'a str, Place>,
}

impl<'a> Guests<'a> {
    /// The order of the reasons is fixed, so that a second run says the same.
    fn judge(&self, arrival: &'a Arrival, found: &'a Found) -> Verdict {
        let refused = Verdict::Refused;
        if !found.role_known {
            return refused(Refusal::UnknownRole(arrival.role.clone().unwrap_or_default()));
        }
        if !found.tenant_known {
            return refused(Refusal::UnknownTenant(arrival.tenant.clone()));
        }
        match found.namesake {
            Some(true) => return Verdict::There,
            Some(false) => return refused(Refusal::NameTaken),
            None => {}
        }
        match self.names.get(arrival.username.as_str()) {
            Some((_, address)) if *address == found.address.as_deref() => return Verdict::There,
            Some((place, _)) => return refused(Refusal::NameTwice(*place)),
            None => {}
        }
        if let Some(owner) = &found.at_address {
            return refused(Refusal::AddressTaken(owner.clone()));
        }
        match found.address.as_deref().and_then(|address| self.addresses.get(address)) {
            Some(place) => refused(Refusal::AddressTwice(*place)),
            None => Verdict::Welcome,
        }
    }

    fn welcome(&mut self, place: Place, arrival: &'a Arrival, found: &'a Found) {
        let address = found.address.as_deref();
        self.names.insert(arrival.username.as_str(), (place, address));
        if let Some(address) = address {
            self.addresses.insert(address, place);
        }
    }
}

impl<W: Witness> Gate<'_, W> {
    /// Takes in who can be, in the order of arrival.
    pub(super) async fn people(
        &mut self,
        transaction: &impl GenericClient,
        people: Vec<(Place, Judged)>,
    ) -> Result<(), MovingError> {
        if people.is_empty() {
            return Ok(());
        }
        let arrivals: Vec<&Arrival> = people.iter().map(|(_, judged)| &judged.arrival).collect();
        let found = import::look_round(transaction, &arrivals).await?;
        let (mut guests, mut welcome) = (Guests::default(), Vec::new());
        for ((place, judged), found) in people.iter().zip(&found) {
            match guests.judge(&judged.arrival, found) {
                Verdict::There => self.tally.users.there += 1,
                Verdict::Refused(why) => self.refuse(*place, judged.arrival.username.to_string(), why),
                Verdict::Welcome => {
                    guests.welcome(*place, &judged.arrival, found);
                    welcome.push(judged);
                }
            }
        }
        let arrivals: Vec<&Arrival> = welcome.iter().map(|judged| &judged.arrival).collect();
        let made: HashSet<String> =
            import::let_in(transaction, &arrivals, self.now).await?.into_iter().collect();
        let came = |judged: &&&Judged| judged.hash_dropped && made.contains(judged.arrival.username.as_str());
        self.tally.users.made += made.len() as u64;
        self.tally.hashes_dropped += welcome.iter().filter(came).count() as u64;
        for (name, (place, _)) in guests.names {
            if !made.contains(name) {
                self.refuse(place, name.to_owned(), Refusal::TakenJustNow);
            }
        }
        Ok(())
    }
}
