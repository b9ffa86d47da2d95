//! A request's head on its way through warp, which hands headers out as copies only: put aside in front of it, and
//! taken up again behind it as it came.

use std::{
    convert::Infallible,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use warp::{
    Filter,
    http::{HeaderMap, Method, Request, Uri},
};

use super::{Peer, RequestName};

/// The head of a request, and who sent it.
pub(super) struct Parts {
    pub method: Method,
    pub uri: Uri,
    pub headers: HeaderMap,
    pub peer: Peer,
    pub name: RequestName,
}

/// Where the head lies meanwhile. Whoever takes it first has it.
#[derive(Clone)]
struct Aside(Arc<Mutex<Option<Parts>>>);

/// Puts the head of a request aside, together with who sent it and what it is called: what [`service`](super::service)
/// answers.
pub fn arrived<B>(mut request: Request<B>, peer: Peer, name: RequestName) -> Request<B> {
    let (method, uri) = (request.method().clone(), request.uri().clone());
    let headers = std::mem::take(request.headers_mut());
    let parts = Parts { method, uri, headers, peer, name };
    request.extensions_mut().insert(Aside(Arc::new(Mutex::new(Some(parts)))));
    request
}

/// Takes the head up again; `None` when nobody put it aside.
pub(super) fn parts() -> impl Filter<Extract = (Option<Parts>,), Error = Infallible, Future: Send> + Clone {
    warp::ext::optional::<Aside>().map(|aside: Option<Aside>| aside?.lock().take())
}

/// Who sent the request, and nothing more: the head stays where it is.
pub fn sender() -> impl Filter<Extract = (Option<Peer>,), Error = Infallible, Future: Send> + Clone {
    warp::ext::optional::<Aside>().map(|aside: Option<Aside>| aside?.lock().as_ref().map(|parts| parts.peer))
}

impl Aside {
    fn lock(&self) -> MutexGuard<'_, Option<Parts>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
