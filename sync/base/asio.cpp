// The one translation unit that holds Asio's own code (BOOST_ASIO_SEPARATE_COMPILATION): all others see declarations only, which
// takes a third off the time that each of them compiles.
#include <boost/asio/impl/src.hpp>
#include <boost/asio/ssl/impl/src.hpp>
