//! What every metric of ours does alike.

/// Writes `with`, `remove`, `clear`, and what makes a type a metric and a collector.
macro_rules! metric_api {
    ($name:ident, <$($param:ident: $bound:ident),+>, $metric:ty, $cell:ty, $series:ty, |$core:ident, $found:ident| $handle:expr) => {
        impl<$($param: $bound + 'static),+> $metric {
            #[doc(hidden)]
            #[must_use]
            #[track_caller]
            pub const fn from_static(spec: &'static Spec) -> Self {
                Self { core: Core::of_static(spec) }
            }

            /// By a name that no trait of the user's has: a wrapper calls it as a method, since the compiler is silent
            /// on those where it has refused the labels already.
            #[doc(hidden)]
            #[must_use]
            #[inline]
            pub fn __at<T: LabelTuple>(&self, labels: &T) -> $series {
                let ($core, $found) = (&self.core, self.core.resolve(labels));
                $handle
            }

            /// A label that is read on entry and needed on return.
            #[doc(hidden)]
            #[must_use]
            pub fn __hold<T, U: LabelValue + ?Sized>(&self, value: &U) -> Held<T> {
                Held::of(value)
            }

            /// The series of these labels, made if it is new. The handle may be kept, copied to other threads, and
            /// outlive the metric; it keeps nothing alive.
            #[must_use]
            #[inline]
            pub fn with(&self, labels: &L::With<'_>) -> $series {
                let ($core, $found) = (&self.core, self.core.resolve(&labels.refs()));
                $handle
            }

            /// Removes a series; says whether there was one. A handle to it counts nowhere from then on, also when
            /// the same labels are used again: that is a new series, which begins at 0. The one series of a metric
            /// without labels stays.
            pub fn remove(&self, labels: &L::With<'_>) -> bool {
                self.core.remove(&labels.refs())
            }

            /// Removes every series with these labels, named as on a page, whatever their others are; says how many there
            /// were. The one series of a metric without labels stays.
            ///
            /// ```
            /// # use tallymark::{Counter, Labels};
            /// #[derive(Labels)]
            /// struct Request { host: &'static str, method: &'static str }
            ///
            /// let requests = Counter::builder("requests_total", "Requests.").labels::<Request>().build()?;
            /// requests.with(&Request { host: "a", method: "get" }).inc();
            /// requests.with(&Request { host: "a", method: "put" }).inc();
            /// assert_eq!(requests.remove_by_labels([("host", "a")])?, 2);
            /// # Ok::<(), tallymark::Error>(())
            /// ```
            ///
            /// # Errors
            /// Where it has no such label.
            pub fn remove_by_labels<'a>(
                &self,
                labels: impl IntoIterator<Item = (&'a str, &'a str)>,
            ) -> Result<usize, Error> {
                self.core.remove_by_labels(&labels.into_iter().collect::<Vec<_>>())
            }

            /// Removes every series. The one series of a metric without labels stays.
            pub fn clear(&self) {
                self.core.clear();
            }
        }

        impl<$($param: $bound + 'static),+> Collector for $metric {
            fn describe(&self) -> Vec<Descriptor> {
                self.core.describe()
            }

            fn collect(&self, out: &mut Collected) {
                self.core.collect(out);
            }

            fn __descriptor(&self) -> Option<DescriptorRef<'_>> {
                Some(self.core.descriptor())
            }
        }

        impl<$($param: $bound + 'static),+> IntoCollector for &$metric {
            fn into_collector(self) -> ::std::sync::Arc<dyn Collector> {
                self.core.collector()
            }
        }

        impl<$($param: $bound + 'static),+> sealed::Sealed for $metric {
            const KIND: MetricKind = <$cell as MetricCell>::KIND;
            const FAULT: Option<&'static str> = <$cell as MetricCell>::FAULT;

            fn built(descriptor: Descriptor, shape: FamilyShape<'_>) -> Self {
                Self { core: Core::shared(descriptor, shape) }
            }
        }

        impl<$($param: $bound + 'static),+> Metric for $metric {
            type Labels = L;
        }

        impl<$($param: $bound + 'static),+> Clone for $metric {
            /// Another handle to the same family.
            fn clone(&self) -> Self {
                Self { core: self.core.clone() }
            }
        }

        impl<$($param: $bound + 'static),+> fmt::Debug for $metric {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_tuple(stringify!($name)).field(&self.core).finish()
            }
        }
    };
}

pub(crate) use metric_api;
